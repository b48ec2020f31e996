"""What is tested: each module starts and drives one implementation."""
