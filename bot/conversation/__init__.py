"""One turn from start to end: urgent rules first, then the engine, and an answer also when the engine is down."""
