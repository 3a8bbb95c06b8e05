"""The register of pollution sources: enterprises, equipment, outlets, boilers, permits."""
