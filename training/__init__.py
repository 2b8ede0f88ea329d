"""How the built-in model was made: from a folder of photos to one small ONNX file."""
