-- The run of the import that brought an item, 0 for none: an import that is undone takes its rows with it.
ALTER TABLE event ADD COLUMN IF NOT EXISTS run UInt32 DEFAULT 0 CODEC(T64, LZ4) AFTER item;
