INSERT INTO "bad[2J	table" ("q""uote", "ha#sh", "%%%%{init: {'theme': 'forest'}}%%%%", "`tick`", "‮gnp", "login")
SELECT "a]-->b", "<b>", "end;", "x
y", "z", password('hunter2') || "w" FROM "café 表"
