"""What the registry hears."""

from contracts.accountability import RatingPublished, RatingWithdrawn
from kit.reactions import Reactions

from registry import published_ratings

REACTIONS: Reactions = {
    RatingPublished: published_ratings.keep_rating,
    RatingWithdrawn: published_ratings.forget_rating,
}

PROJECTION = published_ratings.PROJECTION
"""The tables that `concordat rebuild` empties."""
