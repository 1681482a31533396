"""mute-audit: policy-as-code compliance and drift checks for AWS."""

__version__ = "0.1.0"
