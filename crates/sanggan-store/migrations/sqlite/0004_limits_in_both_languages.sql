-- Where a limit is written is told in both languages. Until the next seed brings the English, both are what there was.
ALTER TABLE limit_line RENAME COLUMN clause TO clause_zh;
ALTER TABLE limit_line RENAME COLUMN standard TO standard_zh;
ALTER TABLE limit_line ADD COLUMN clause_en TEXT NOT NULL DEFAULT '';
ALTER TABLE limit_line ADD COLUMN standard_en TEXT NOT NULL DEFAULT '';
UPDATE limit_line SET clause_en = clause_zh, standard_en = standard_zh;
-- What the last seed brought changes with it, or every line would look changed by a person.
UPDATE station_limits
SET origin = (
    SELECT json_group_array(json_set(
        line.value,
        '$.clause', json_object('zh', line.value ->> '$.clause', 'en', line.value ->> '$.clause'),
        '$.standard', json_object('zh', line.value ->> '$.standard', 'en', line.value ->> '$.standard')
    ))
    FROM json_each(station_limits.origin) AS line
)
WHERE origin IS NOT NULL;
