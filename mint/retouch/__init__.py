"""Pictures of a build painted over in place: a trait changed, a fault mended."""
