module hearsay.test/lines

go 1.25.0
