//! Exact three-valued verdicts of policy items over enterprise profiles.
