"""The words the services share. Imports pydantic and nothing else."""
