# For a plan without AWS. The image ids exist nowhere: they only fill the place
# of the look-ups, and AWS refuses to apply them.
offline = true

ami_ids = {
  "Amazon Linux 2023"  = "ami-0a100000000002023"
  "ubuntu-noble-24.04" = "ami-0b000000000002404"
}
