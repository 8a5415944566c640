SELECT count(*) AS logins, CASE WHEN secret = 'hunter2' THEN name END AS who, a.password || 'x' AS p FROM accounts a GROUP BY name
