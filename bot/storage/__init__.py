"""Tables, migrations, encryption: where everything a person would miss is kept."""
