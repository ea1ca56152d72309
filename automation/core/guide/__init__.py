"""The illustrated guide, as text: what it says in each language, and the page that it becomes; pure."""
