"""What a command really runs: what is behind `npm run worker`, `composer run queue`, `make worker` or `./worker.sh`."""
