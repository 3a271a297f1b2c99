-- function parse_phone_numbers(text)
-- The telephone numbers in a free text such as "Home (020) 7946-0018 / mob 07700 900 456 ext. 12": one row per number,
-- in their order; a text without a usable number gives one row with a reason.  Never drops anything in silence.
--   numbers     digits with blanks, dots, hyphens and brackets between them; several numbers may stand in one text
--   +           kept; 00 before a country code and "+44 (0)20" and "+44 020" become "+4420"; national ones stay national
--   extension   ext, extn, extension, x or # and up to 8 digits behind a number
--   phone_type  what the text says (mobile, home, work ...), else mobile for UK numbers 071-075, 077-079, else other
--   label       what else stands beside the number; "unclassified (migrated)" where the type is other and nothing does
--   reason      why a text or number cannot be used; then phone_number is NULL
-- A text in which some group has fewer than 7 digits is refused whole: nobody can tell what belongs together.
-- Called by @control@.migrate_owner_phones().  Errata E-034, E-035.
-- No SET search_path: pg_catalog only.  Tests: tests/sql/test_parse_phone_numbers.py
CREATE OR REPLACE FUNCTION parse_phone_numbers(
    p_text text,
    OUT part integer, OUT part_text text, OUT phone_number text, OUT extension text, OUT phone_type text,
    OUT label text, OUT reason text
) RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $body$
DECLARE
    c_digits CONSTANT text := '[+(]{0,3}[0-9](?:[ ().-]*[0-9])*';
    c_extension CONSTANT text := '(?:[ ,.;:(]*(?:extension|extn|ext|x|#)[ .:]*([0-9]{1,8})(?![0-9]))?';
    c_generic CONSTANT text := '\m(?:telephone|tel|phone|ph|t|number|no|nr|or|and|mobile|mob|cell|m|home|house|h|work|office|w)\M[.]?';
    v_text text := btrim(regexp_replace(p_text, '[^ -~[:alpha:]]', ' ', 'g'));  -- odd blanks and dashes, line ends
    v_found text[];
    v_notes text[];
    v_before boolean;
    v_note text;
    v_hints text[];
BEGIN
    IF coalesce(v_text, '') = '' THEN
        RETURN;
    END IF;
    -- A line end separates two numbers; so does a blank before 0 or + once there are too many digits for one.
    v_text := btrim(regexp_replace(regexp_replace(p_text, '[\n\r]+', ' ; ', 'g'), '[^ -~[:alpha:]]', ' ', 'g'));
    IF length(regexp_replace(v_text, '[^0-9]', '', 'g')) > 15 THEN
        v_text := regexp_replace(v_text, '([0-9]{3}) +(?=(?:\+|00?[1-9])[0-9 ]{6,})', '\1 ; ', 'g');
    END IF;
    v_notes := regexp_split_to_array(v_text, c_digits || replace(c_extension, '([0-9]', '(?:[0-9]'), 'i');
    v_before := v_notes[1] ~* '[[:alpha:]]';
    part := 0;
    IF cardinality(v_notes) = 1 THEN
        part := 1;
        part_text := p_text;
        reason := 'no digits';
        RETURN NEXT;
        RETURN;
    END IF;
    FOR v_found IN SELECT regexp_matches(v_text, '(' || c_digits || ')' || c_extension, 'gi') LOOP
        IF length(regexp_replace(v_found[1], '[^0-9]', '', 'g')) < 7 THEN
            part := 1;
            part_text := p_text;
            phone_number := NULL;
            reason := CASE WHEN cardinality(v_notes) = 2 THEN 'fewer than 7 digits'
                           ELSE 'a group of fewer than 7 digits: unclear what belongs together' END;
            EXIT;
        END IF;
    END LOOP;
    IF reason IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;
    FOR v_found IN SELECT regexp_matches(v_text, '(' || c_digits || ')' || c_extension, 'gi') LOOP
        part := part + 1;
        part_text := v_found[1] || coalesce(' ext ' || v_found[2], '');
        phone_number := v_found[1];
        IF regexp_replace(phone_number, '[ (.-]', '', 'g') ~ '^(\+|00[1-9])' THEN
            phone_number := regexp_replace(phone_number, '\( *0 *\)', '');
        END IF;
        phone_number := regexp_replace(phone_number, '[^0-9+]', '', 'g');
        phone_number := regexp_replace(regexp_replace(phone_number, '^00(?=[1-9])', '+'), '^\+440', '+44');
        extension := v_found[2];
        v_note := CASE WHEN v_before THEN v_notes[part] ELSE v_notes[part + 1] END;
        IF v_before AND part = cardinality(v_notes) - 1 THEN
            v_note := v_note || ' ' || v_notes[part + 1];
        ELSIF NOT v_before AND part = 1 THEN
            v_note := v_notes[1] || ' ' || v_note;
        END IF;
        v_hints := array_remove(ARRAY[
            CASE WHEN v_note ~* '\m(?:mobile|mob|cell|m)\M' THEN 'mobile' END,
            CASE WHEN v_note ~* '\m(?:home|house|h)\M' THEN 'house_phone' END,
            CASE WHEN v_note ~* '\m(?:work|office|w)\M' THEN 'work' END], NULL);
        phone_type := CASE WHEN cardinality(v_hints) = 1 THEN v_hints[1]
                           WHEN phone_number ~ '^(?:0|\+44)7[1-57-9][0-9]{8}$' THEN 'mobile'
                           ELSE 'other' END;
        v_note := btrim(regexp_replace(regexp_replace(v_note, c_generic, ' ', 'gi'), '[][ /;,:|&()"<>-]+', ' ', 'g'));
        label := left(coalesce(nullif(v_note, ''), CASE phone_type WHEN 'other' THEN 'unclassified (migrated)' END), 50);
        reason := CASE
            WHEN length(regexp_replace(phone_number, '[^0-9]', '', 'g')) > 15 THEN 'more than 15 digits'
            WHEN phone_number ~ '^(\+|0)0' THEN 'no number begins with these zeros'
            WHEN NOT phone_number ~ '^\+?[0-9]{7,15}$' THEN 'fewer than 7 digits'
        END;
        IF reason IS NOT NULL THEN
            phone_number := NULL;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$body$;

COMMENT ON FUNCTION parse_phone_numbers(text) IS
    'the telephone numbers in a free text, normalised, with extension, type and label; or why there is none';
