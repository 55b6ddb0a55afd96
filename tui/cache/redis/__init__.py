"""The cache over the Redis protocol: a server, a cluster, or fakeredis in this process."""
