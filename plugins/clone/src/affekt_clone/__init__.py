"""Speech in a lent voice: another speaker reads, and every moment of it is rebuilt from moments of the voice."""
