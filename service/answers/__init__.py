"""What answers are made of: tables of members that build them and document them."""
