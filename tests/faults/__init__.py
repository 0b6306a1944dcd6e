"""Loop A while everything is killed at random: nothing acknowledged is lost, and nothing happens twice."""
