"""Graph: a network with every shape settled; built from a Spec, found in the catalogue."""
