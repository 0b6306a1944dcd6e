"""The bad day: alarms, incidents, dispatch, leaders on scene, review.

Whoever locks several things takes them in this order, so that nobody waits in a ring (decision 0012):

1. the advisory locks of an alarm: its source's id, its zone, its cells, ascending;
2. alarms; a review;
3. the incident; a second one only under the locks of cells that both lie in, as when an alarm is split off;
4. what hangs on the incident: the day's number, report clocks;
5. the advisory lock of the incident's sending;
6. dispatches, in the order of their ids;
7. teams, in the order of their ids; one team alone, or free ones that skip what is locked;
8. the incident's shortage of teams, and its request for a review.

A watch picks by SKIP LOCKED the row that verbs lock first (the incident, and not what hangs on it) and waits for none
of the same kind afterwards. A foreign key locks the row that it refers to: that one is locked before.
"""
