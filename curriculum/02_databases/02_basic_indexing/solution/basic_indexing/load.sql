INSERT INTO customers (name, email)
SELECT 'Customer ' || n, 'Customer.' || n || '@example.com' FROM generate_series(1, 10000) n;

INSERT INTO products (name, price)
SELECT (ARRAY['Mug', 'Cup', 'Lamp', 'Chair', 'Table'])[1 + mod(n, 5)] || ' ' || n, mod(n, 100) + 0.5
FROM generate_series(1, 10000) n;

-- Customer 1 has 5,000 orders; one order of a hundred is open; four are placed in each hour.
INSERT INTO orders (customer_id, status, placed_at, total)
SELECT
    CASE WHEN mod(n, 20) = 0 THEN 1 ELSE 1 + mod(n * 7919::bigint, 10000) END,
    CASE WHEN mod(n, 100) = 7 THEN 'open' ELSE 'shipped' END,
    timestamptz '2030-01-01 00:00Z' + mod(n * 7919::bigint, 100000) / 4 * interval '1 hour',
    mod(n, 1000) / 100.0
FROM generate_series(1, 100000) n;

ANALYZE customers, products, orders;
