"""What the stack calls its parts."""

from __future__ import annotations

WORLD = "0.0.0.0/0"
PRIVATE = (
    "hackathon_jenkins_agent",
    "hackathon_backend_nestjs",
    "hackathon_backend_ai",
    "hackathon_backend_ai_music",
)
# Those behind hackathon_rtb_private2.
PRIVATE1 = PRIVATE[1:]
# What the Jenkins agent logs in to.
DEPLOYED = (
    "hackathon_frontend_nginx",
    "hackathon_frontend_nextjs",
    "hackathon_backend_nginx",
    "hackathon_backend_nestjs",
    "hackathon_backend_ai",
    "hackathon_backend_ai_music",
)
AI = ("hackathon_backend_ai", "hackathon_backend_ai_music")
BACKEND = ("hackathon_backend_nginx", "hackathon_backend_nestjs")
FRONTEND = ("hackathon_frontend_nginx", "hackathon_frontend_nextjs")
DATABASE = "hackathon-mute-rds"
JENKINS = ("hackathon_jenkins_master", "hackathon_jenkins_agent")
BUCKET = "hackathon-mute-backend"
USER = "hackathon_s3_ai"
STRANGER = "111122223333"
