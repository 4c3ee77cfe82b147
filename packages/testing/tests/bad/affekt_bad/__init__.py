"""Components that each break one promise of their role; the kit must notice, and by that promise's test."""
