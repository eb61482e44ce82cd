"""The desk: caseworkers' web pages, German, server-rendered."""
