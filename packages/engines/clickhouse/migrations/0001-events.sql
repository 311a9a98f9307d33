-- One row per kept item. The claim that it was collected under is `thread` (S13), never the person: merges and
-- un-merges touch `thread_person` alone. `receipts` of the same event beyond the deduplication window are one row once
-- parts merge, and in every read that says FINAL; the first receipt wins because `precedence` falls with the position.
CREATE TABLE IF NOT EXISTS event
(
    brand LowCardinality(String),
    kind LowCardinality(String),
    thread UInt64,
    event_id UUID,
    device UInt64,
    t DateTime64(3, 'UTC') CODEC(T64, LZ4),
    r DateTime64(3, 'UTC') CODEC(T64, LZ4),
    c DateTime64(3, 'UTC') CODEC(T64, LZ4),
    name LowCardinality(String),
    channel LowCardinality(String),
    source LowCardinality(String),
    property LowCardinality(String),
    store LowCardinality(String),
    purposes UInt64,
    bot Bool,
    imported Bool,
    terminal Bool,
    receipt_type LowCardinality(String),
    receipt_number String CODEC(ZSTD(1)),
    currency LowCardinality(String),
    amount Int64 COMMENT 'minor units, tax included',
    vat Int64 COMMENT 'minor units',
    researched Enum8('' = 0, 'no' = 1, 'yes' = 2) COMMENT 'what the buyer answered at the till',
    skus Array(LowCardinality(String)),
    categories Array(LowCardinality(String)) COMMENT 'parallel to skus',
    line_amounts Array(Int64) COMMENT 'parallel to skus, minor units; empty where nothing was paid',
    clear Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    sealed String COMMENT 'base64 of the sealed properties (S15)' CODEC(ZSTD(1)),
    key_id UInt64,
    position UInt64 CODEC(T64, LZ4),
    item UInt32,
    precedence UInt64 MATERIALIZED 18446744073709551615 - position
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(r)
ORDER BY (brand, kind, thread, event_id)
-- Small granules (the default is 8,192 rows): the timeline of one person reads whole ones, sealed bytes included.
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Whose rows of a thread are, by event time: all spans of a thread in one row, so that a change replaces them at once.
-- What no span covers is the thread's own person's; 0 is nobody.
CREATE TABLE IF NOT EXISTS thread_person
(
    brand LowCardinality(String),
    thread UInt64,
    froms Array(DateTime64(3, 'UTC')) COMMENT 'ascending; 1900-01-01 stands for ever before',
    tos Array(DateTime64(3, 'UTC')) COMMENT 'exclusive, but 2299-12-31T23:59:59.999 stands for ever after',
    persons Array(UInt64),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (brand, thread)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- How a thread stands on a purpose (S7, S8). An absent row is unknown, which opens nothing.
CREATE TABLE IF NOT EXISTS consent_state
(
    brand LowCardinality(String),
    bit UInt8,
    thread UInt64,
    device Enum8('unknown' = 0, 'requested' = 1, 'refused' = 2, 'withdrawn' = 3, 'objected' = 4, 'given' = 5),
    device_over Enum8('unknown' = 0, 'requested' = 1, 'refused' = 2, 'withdrawn' = 3, 'objected' = 4, 'given' = 5) COMMENT 'what a request stands over',
    device_run_since DateTime64(3, 'UTC'),
    device_follows_negative Bool,
    device_until DateTime64(3, 'UTC') COMMENT 'exclusive; 2299-12-31T23:59:59.999 = no end',
    person Enum8('unknown' = 0, 'requested' = 1, 'refused' = 2, 'withdrawn' = 3, 'objected' = 4, 'given' = 5),
    person_over Enum8('unknown' = 0, 'requested' = 1, 'refused' = 2, 'withdrawn' = 3, 'objected' = 4, 'given' = 5),
    person_run_since DateTime64(3, 'UTC'),
    person_follows_negative Bool,
    person_until DateTime64(3, 'UTC'),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (brand, bit, thread)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which life of the projections these tables hold: a rebuild begins another (S17).
CREATE TABLE IF NOT EXISTS generation
(
    id UInt8,
    generation String,
    begun_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(begun_at)
ORDER BY id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
