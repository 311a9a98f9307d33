-- A granule of 1,024 rows has 8 KB of a number, and a block is unpacked whole: with 64 KB, the default, the timeline of
-- one person unpacks eight granules of each column for every one that it reads. Parts that stand get theirs by merges.
ALTER TABLE event MODIFY SETTING min_compress_block_size = 16384;
