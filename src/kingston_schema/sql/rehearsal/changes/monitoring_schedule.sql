-- needs: monitoring_schedule
UPDATE monitoring_schedule SET frequency_minutes = frequency_minutes + 1, active = false WHERE monitoring_type NOT LIKE 'rehearsal%'
