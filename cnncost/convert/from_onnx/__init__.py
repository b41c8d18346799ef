"""ONNX files as specs: a file is read, its constants are folded, and its operators become layers.

Nothing here runs code of the file, reads weights that lie outside it, or needs torch.
"""
