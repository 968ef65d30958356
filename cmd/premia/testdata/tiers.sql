-- How many members stand on which level of an online shop's ladder, said as a plain
-- count over what was bought and given back. It knows nothing of the engine: before it
-- stand three tables,
--
--   lines (member, seq, at, back, item, sku, quantity, price), a row for each line of a
--     purchase, or of a return (back = 1), with its price in thousandths, and
--   months (n, begins, ends), the months of the shop's own clock, one after the other,
--   and asked (n), the months at whose ends members are counted,
--
-- and its rules are these:
--   - Goods that are given back go back against the latest purchases of the same goods by
--     the same member; what matches none counts nowhere. Bought pieces stand on one
--     another, and what is given back takes away from the top, so that of a purchase
--     remains what no later height of the pile went below.
--   - What remains counts in the month in which it was bought, whenever the rest went back.
--   - In each month the last twelve count, that month included.
--   - A level that is earned in a month is had until three months after its end.
moves AS (
    SELECT member, sku, at, back, quantity, price,
           CASE WHEN back = 1 THEN -quantity ELSE quantity END AS moved,
           -- Of one purchase the first line goes back first, so it lies on top.
           ROW_NUMBER() OVER (PARTITION BY member, sku ORDER BY seq, CASE WHEN back = 1 THEN item ELSE -item END) AS no
    FROM lines),
balances AS (
    SELECT moves.*, SUM(moved) OVER (PARTITION BY member, sku ORDER BY no) AS balance FROM moves),
depths AS (
    SELECT balances.*, MIN(balance) OVER (PARTITION BY member, sku ORDER BY no) AS depth FROM balances),
heights AS (
    -- What was given back of nothing is as if it had not been.
    SELECT depths.*, balance - CASE WHEN depth < 0 THEN depth ELSE 0 END AS height FROM depths),
lowest AS (
    SELECT heights.*,
           MIN(height) OVER (PARTITION BY member, sku ORDER BY no ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS low
    FROM heights),
kept AS (
    SELECT member, at, price * CASE WHEN low > height - quantity THEN low - (height - quantity) ELSE 0 END AS value
    FROM lowest
    WHERE back = 0),
baskets AS (
    -- Lines by the thousand share a moment, which is looked up among the months once.
    SELECT member, at, SUM(value) AS value
    FROM kept
    GROUP BY member, at),
spent AS (
    SELECT baskets.member, months.n, SUM(baskets.value) AS value
    FROM baskets JOIN months ON baskets.at >= months.begins AND baskets.at < months.ends
    GROUP BY baskets.member, months.n),
years AS (
    -- The months whose level is still had in the month that is asked for.
    SELECT asked.n AS asked, spent.member, months.n, SUM(spent.value) AS value
    FROM asked
    JOIN months ON months.n BETWEEN asked.n - 3 AND asked.n
    JOIN spent ON spent.n BETWEEN months.n - 11 AND months.n
    GROUP BY asked.n, spent.member, months.n),
levels AS (
    SELECT asked, member, MAX(CASE WHEN value >= 800000 THEN 2 WHEN value >= 200000 THEN 1 ELSE 0 END) AS level
    FROM years
    GROUP BY asked, member)
SELECT asked.n, COALESCE(levels.level, 0) AS level, COUNT(*) AS members
FROM (SELECT DISTINCT member FROM lines WHERE back = 0) AS everybody
CROSS JOIN asked
LEFT JOIN levels ON levels.member = everybody.member AND levels.asked = asked.n
GROUP BY asked.n, COALESCE(levels.level, 0)
