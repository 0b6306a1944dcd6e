"""Resources 救援力量: teams, what they can do, where they are, and which are nearest and free."""
