"""The neutral model: frozen values, standard library only, imports nothing of ours."""
