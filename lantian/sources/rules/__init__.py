"""Rules of the register: pure functions of facts and geometry."""
