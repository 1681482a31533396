resource "aws_vpc" "this" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.1.0.0/24"
}
resource "aws_instance" "far" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.this.id
  tags          = { Name = "far" }
}
