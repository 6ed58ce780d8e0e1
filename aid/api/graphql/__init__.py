"""Aid through GraphQL."""
