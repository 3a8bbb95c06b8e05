// The review page: filled in by the plan room.
