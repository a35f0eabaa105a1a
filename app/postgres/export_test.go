package postgres

// WrittenOf is for the test of its plan.
const WrittenOf = writtenOf
