-- exchange.pauses_until_us: until when the node sends no frames, because it is outside
-- of the hours that its state set; by the node's clock, UTC microseconds. NULL while
-- it sends.
ALTER TABLE exchange ADD COLUMN pauses_until_us BIGINT;
