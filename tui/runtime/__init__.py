"""What every part stands on: time, signals, faults on purpose, texts made safe, the log."""
