"""Rating by partitions on a cluster: the same compiled framework, run on the subjects that need one another."""
