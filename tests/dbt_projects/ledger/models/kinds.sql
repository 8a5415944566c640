select * from (values ('D', 'debit', -1), ('C', 'credit', 1)) as k ("Kind", label, sign)
