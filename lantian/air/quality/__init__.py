"""Quality control of measured hours: rules that mark odd values, with reason and numbers. Pure: no Django."""
