-- sample vocabulary
-- Names of people, with the spellings that break naive code: accents, apostrophes, blanks, other scripts.
-- Temporary functions, numbered from 0 and repeating.  Used by clients.sql.

-- function: first_name(integer)
CREATE FUNCTION pg_temp.first_name(number integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('{Margaret,David,Susan,John,Patricia,Michael,Christine,Robert,Elizabeth,Peter,Jennifer,William,
        Zoë,Seán,Siân,José María,Łukasz,François,Anne-Marie,"Mary Jane",Priya,Mohammed,Aisha,Rajesh,Mei,
        Thị Hương,Владимир,Ольга,محمد,小龙,Ffion,Björn,Chloé,Renée,Agnieszka,Đorđe,Karen,Stephen,Helen,Andrew,
        Linda,Paul,Barbara,Richard,Janet,Alan,Carol,Keith,Judith,Graham,Rosemary,Trevor,Sheila,Kenneth,
        Gillian,Nigel,Hilary,Colin,Frances}'::text[])[1 + number % 59]
$$;

-- function: short_name(integer)
-- What the person of that first name is called.
CREATE FUNCTION pg_temp.short_name(number integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('{Maggie,Dave,Sue,Jack,Pat,Mike,Chris,Bob,Liz,Pete,Jenny,Bill,
        Zo,Shay,Siany,Pepe,Luke,Frank,Annie,MJ,Pri,Mo,Aish,Raj,May,
        Huong,Volodya,Olya,Mo,Bruce,Fi,Bear,Clo,Ren,Aga,George,Kaz,Steve,Nell,Andy,
        Lin,Paulie,Barb,Dick,Jan,Al,Caz,Keef,Judy,Gray,Rosie,Trev,She,Ken,
        Jill,Nige,Hils,Col,Fran}'::text[])[1 + number % 59]
$$;

-- function: surname(integer)
CREATE FUNCTION pg_temp.surname(number integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('{Smith,Jones,Taylor,Brown,Wilson,Evans,Thomas,Johnson,Roberts,Walker,Wright,Robinson,Thompson,
        White,Hughes,Edwards,Green,Hall,Wood,Harris,Lewis,Martin,Jackson,Clarke,Clark,Turner,Hill,Cooper,Ward,
        "O''Neill","D''Souza","de la Cruz","van der Berg","Smith-Jones","St John",Ó Briain,MacDonald,Müller,
        Gößmann,Nguyễn,Novák,Żółkowska,Şahin,Ångström,Иванова,الحسن,李,Patel,Khan,Singh,Kaur,Hussain,Begum,
        Okonkwo,Adeyemi,Papadopoulos,Featherstonehaugh,Cholmondeley,Li,Ng,Ó,Prentice,Marlowe,Hartley,Ashworth,
        Braithwaite,Pemberton}'::text[])[1 + number % 67]
$$;
