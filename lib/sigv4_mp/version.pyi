__version__: str
BUILD_DATE: str
