"""Pure decisions of the plan room: no Django here."""
