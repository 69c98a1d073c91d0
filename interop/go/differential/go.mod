module hearsay.test/differential

go 1.25.0

require github.com/hashicorp/memberlist v0.7.0
