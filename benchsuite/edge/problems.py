"""What stops a campaign, in one line."""


class Problem(Exception):
    pass
