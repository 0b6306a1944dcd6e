"""The bad day: alarms, incidents, dispatch, leaders on scene, review."""
