"""Sign-in of people: the pages, the sessions of browsers, and what apps get: codes and tokens."""
