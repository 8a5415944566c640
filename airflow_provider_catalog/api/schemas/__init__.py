"""What the API takes and answers, for its OpenAPI document: a module per noun.

Answers are not validated when they are given, which would cost more than finding them: tests prove that each is as its
model says.
"""
